/** SHA-1 of a text: orders events in state resolution v1, nothing else. Spec: rooms/v1#state-resolution. */

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

/** The hash as 40 hexadecimal digits. */
export function sha1Hex(text: string): string {
  const blocks = padded(new TextEncoder().encode(text))
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
  const words = new Int32Array(80)
  for (let offset = 0; offset < blocks.byteLength; offset += 64) {
    for (let index = 0; index < 16; index += 1) words[index] = blocks.getInt32(offset + 4 * index)
    for (let index = 16; index < 80; index += 1) {
      words[index] = rotate(words[index - 3]! ^ words[index - 8]! ^ words[index - 14]! ^ words[index - 16]!, 1)
    }
    mixBlock(state, words)
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** The message with its padding: a one bit, zeros and the length in bits. */
function padded(bytes: Uint8Array): DataView {
  const blocks = new Uint8Array((Math.floor((bytes.length + 8) / 64) + 1) * 64)
  blocks.set(bytes)
  blocks[bytes.length] = 0x80
  const view = new DataView(blocks.buffer)
  view.setUint32(blocks.length - 4, bytes.length * 8)
  return view
}

function mixBlock(state: number[], words: Int32Array): void {
  let [a, b, c, d, e] = state as [number, number, number, number, number]
  for (let round = 0; round < 80; round += 1) {
    let mixed: number
    if (round < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999
    else if (round < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1
    else if (round < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
    else mixed = (b ^ c ^ d) + 0xca62c1d6
    const next = (rotate(a, 5) + mixed + e + words[round]!) | 0
    e = d
    d = c
    c = rotate(b, 30)
    b = a
    a = next
  }
  for (const [index, word] of [a, b, c, d, e].entries()) state[index] = (state[index]! + word) | 0
}
