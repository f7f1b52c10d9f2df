/** The same keys with other words: a text that is missing in a language is a type error. */
export type Same<T> = { readonly [K in keyof T]: T[K] extends string ? string : Same<T[K]> };
