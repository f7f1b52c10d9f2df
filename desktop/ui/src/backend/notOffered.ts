/**
 * Commands of the contract that the shell does not have yet. What needs them is not shown; a test of `desktop/app` compares
 * this list with what is registered.
 */
import type { CommandName } from "./contract";

export const notOffered: CommandName[] = [
  "clinic_profile",
  "save_clinic_profile",
  "onboarding",
  "answer_onboarding",
  "set_onboarding_step",
];
