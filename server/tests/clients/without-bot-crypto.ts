/**
 * Stands in for the native crypto add-on of matrix-bot-sdk, whose binary comes from elsewhere than npm: an empty
 * module, which is enough for rooms in the clear. Import this before the SDK.
 */

import { registerHooks } from 'node:module'

const addOn = '@matrix-org/matrix-sdk-crypto-nodejs'

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === addOn
      ? { url: 'stub:bot-crypto', format: 'commonjs', shortCircuit: true }
      : nextResolve(specifier, context),
  load: (url, context, nextLoad) =>
    url === 'stub:bot-crypto'
      ? { format: 'commonjs', source: 'module.exports = { StoreType: {} }', shortCircuit: true }
      : nextLoad(url, context),
})
