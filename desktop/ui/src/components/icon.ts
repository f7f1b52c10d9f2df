/** How every icon is drawn: Tabler outline, sizes in rem so that they follow the text size. Always beside a word or in a named button. */
export const icon = { size: "1rem", stroke: 1.6, "aria-hidden": true } as const;
export const iconSmall = { ...icon, size: "0.875rem" } as const;
export const iconLarge = { ...icon, size: "1.125rem" } as const;
/** In a chip, before its word. */
export const chipIcon = { ...iconSmall, size: "0.6875rem", stroke: 2 } as const;
