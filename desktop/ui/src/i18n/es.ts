import type { en } from "./en";
import { account } from "./es/account";
import { billing } from "./es/billing";
import { common } from "./es/common";
import { errors } from "./es/errors";
import { keys } from "./es/keys";
import { people } from "./es/people";
import { reading } from "./es/reading";
import { records } from "./es/records";
import { report } from "./es/report";
import { review } from "./es/review";
import { session } from "./es/session";
import { settings } from "./es/settings";
import type { Same } from "./same";

export const es: Same<typeof en> = {
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
};
