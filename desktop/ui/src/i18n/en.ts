import { account } from "./en/account";
import { billing } from "./en/billing";
import { common } from "./en/common";
import { errors } from "./en/errors";
import { keys } from "./en/keys";
import { people } from "./en/people";
import { reading } from "./en/reading";
import { records } from "./en/records";
import { report } from "./en/report";
import { review } from "./en/review";
import { session } from "./en/session";
import { settings } from "./en/settings";

/** English, from which the keys are taken. One file per feature. */
export const en = {
  account,
  billing,
  common,
  errors,
  keys,
  people,
  reading,
  records,
  report,
  review,
  session,
  settings,
} as const;
