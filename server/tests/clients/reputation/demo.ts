/** `npm run demo:reputation`: relative reputation as a story that checks itself; exits with 1 if a claim fails. */

import { endTestStores } from '../../kit/store.ts'
import { tellDemo } from './tell-demo.ts'

const { failures } = await tellDemo((line) => console.log(line))
await endTestStores()
process.exit(failures.length === 0 ? 0 : 1)
