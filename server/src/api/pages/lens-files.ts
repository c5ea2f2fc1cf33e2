/** The files of the viewpoint page, web/lens. */

export const lensFiles = [
  'index.html',
  'style.css',
  'page.js',
  'strings.js',
  'dom.js',
  'server.js',
  'portable.js',
  'dial.js',
  'ribbon.js',
  'sky.js',
  'about.js',
  'decisions.js',
  'feeds.js',
] as const
