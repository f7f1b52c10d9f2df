/**
 * Commands of the contract that the shell does not have yet. What needs them is not shown; a test of `desktop/app` compares
 * this list with what is registered.
 */
import type { CommandName } from "./contract";

export const notOffered: CommandName[] = [
  "policy",
  "save_policy",
  "clinic_profile",
  "save_clinic_profile",
  "onboarding",
  "answer_onboarding",
  "set_onboarding_step",
  "subscription",
  "plans",
  "buy_plan",
  "open_payment_portal",
  "preview_change",
  "change_plan",
  "set_add_ons",
  "cancel_subscription",
  "resume_subscription",
  "invoices",
  "open_invoice",
  "usage",
  "save_usage",
];
