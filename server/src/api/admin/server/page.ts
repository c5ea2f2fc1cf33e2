/** The frame of the server's own small pages: plain, readable without scripts, light and dark. */

import { htmlReply, type Reply } from '../../../http/index.ts'

const style = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem}
label{display:block;margin-top:1rem}input{font:inherit;padding:.4rem;width:100%;box-sizing:border-box}
button{font:inherit;margin-top:1.5rem;padding:.5rem 1.2rem}code{overflow-wrap:anywhere}
.fault{border-left:.3rem solid #c0392b;padding-left:.8rem}`

/** A whole page; `body` is HTML, made with `escapeHtml` where it shows foreign text. */
export function page(title: string, body: string, status = 200): Reply {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">`
  return htmlReply(
    `<!doctype html><html lang="en"><head>${head}<title>${escapeHtml(title)}</title><style>${style}</style></head>` +
      `<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>\n`,
    status,
  )
}

/** Text as it may stand in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replaceAll(/[&<>"']/g, (character) => names[character]!)
}
