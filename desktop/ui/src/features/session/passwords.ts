/** Characters of a password, as the cloud wants them. */
export const shortestPassword = 12;
