/** Which addresses may be connected to. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createAddressRules } from './address-rules.ts'

const nothing = { allowPrivateNetworks: false, allowRanges: [], denyRanges: [] }

describe('addresses', () => {
  it('of the internet are allowed', () => {
    const isAllowed = createAddressRules(nothing)
    const addresses = ['1.1.1.1', '9.255.255.255', '11.0.0.0', '172.15.0.1', '172.32.0.0', '100.63.0.1', '100.128.0.0']
    for (const address of [...addresses, '2606:4700::1111', '2a00::1', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1']) {
      assert.equal(isAllowed(address), true, address)
    }
  })

  it('of our own networks and of none are refused, in every notation', () => {
    const isAllowed = createAddressRules(nothing)
    const four = ['0.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.0', '100.127.255.255', '127.0.0.1', '127.255.0.1']
    const more = ['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.0.1', '224.0.0.1', '255.255.255.255']
    for (const address of [...four, ...more, '198.18.0.1', '192.0.2.1']) {
      for (const text of [address, `::ffff:${address}`, `::${address}`, `64:ff9b::${address}`]) {
        assert.equal(isAllowed(text), false, text)
      }
    }
    const six = ['::', '::1', 'fe80::1', 'fc00::1', 'fdff::1', 'ff02::1', '2002:7f00:1::', '2001::1', '::ffff:7f00:1']
    for (const address of [...six, '64:ff9b:1::1', '2001:db8::1', '', 'x', '1.1.1', 'fe80::1%eth0', '2a00::1%1']) {
      assert.equal(isAllowed(address), false, address)
    }
  })

  it('can be opened and closed by the config', () => {
    const some = createAddressRules({ ...nothing, allowRanges: ['10.1.0.0/16', 'fd01::/16'], denyRanges: ['10.1.1.1'] })
    for (const address of ['10.1.0.1', 'fd01::2', '::ffff:10.1.2.3']) assert.equal(some(address), true, address)
    for (const address of ['10.1.1.1', '::ffff:10.1.1.1', '64:ff9b::10.1.1.1', '10.2.0.1', 'fd02::1']) {
      assert.equal(some(address), false, address)
    }
    const all = createAddressRules({ ...nothing, allowPrivateNetworks: true, denyRanges: ['1.1.1.1'] })
    for (const address of ['127.0.0.1', '::1', '192.168.1.1', '8.8.8.8']) assert.equal(all(address), true, address)
    for (const address of ['169.254.169.254', '0.0.0.0', '1.1.1.1']) assert.equal(all(address), false, address)
  })
})
