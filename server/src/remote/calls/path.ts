/** Paths of requests, percent-encoded. */

/** A path whose inserted parts are encoded, each as one segment or value. */
export function pathOf(texts: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  return texts.reduce((path, text, index) => path + encodeURIComponent(parts[index - 1]!) + text)
}

/** `?a=1&b=2` of the values that are given, each list as several; empty if there are none. */
export function queryOf(
  values: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const pairs: string[] = []
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) pairs.push(`${name}=${encodeURIComponent(String(one))}`)
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
