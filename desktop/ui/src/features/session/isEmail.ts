/** Whether the text could be an address at all. The mailed code is the real check. */
export const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());
