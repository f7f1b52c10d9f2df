// Takes the code of a mailed link from behind the hash into the form, and out of the address bar and the history. Without
// this script the code of the mail is typed.
"use strict";
const field = document.querySelector("input[name=code]");
const code = location.hash.slice(1);
if (field && /^[0-9A-Za-z_-]{4,64}$/.test(code)) {
  field.value = code;
  history.replaceState(null, "", location.pathname);
}
