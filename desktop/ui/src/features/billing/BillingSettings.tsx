export function BillingSettings() {
  return null;
}
