/** What a look at the set-up found. */

export type Finding = { readonly check: string; readonly state: 'ok' | 'warning' | 'fault'; readonly text: string }
