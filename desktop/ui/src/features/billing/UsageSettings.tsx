export function UsageSettings() {
  return null;
}
