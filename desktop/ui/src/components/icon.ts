/** How every icon is drawn: Tabler outline, sizes in rem so that they follow the text size. Always beside a word or in a named button. */
export const icon = { size: "1rem", stroke: 1.6, "aria-hidden": true } as const;
export const iconSmall = { ...icon, size: "0.875rem" } as const;
export const iconLarge = { ...icon, size: "1.125rem" } as const;
