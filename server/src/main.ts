/** The program: hands the arguments to the command line. */

import { runCommandLine } from './cli/index.ts'

process.exitCode = await runCommandLine(process.argv.slice(2), process.env)
