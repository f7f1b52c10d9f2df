/** Whatever was thrown, as an error with a code of ours. */
import { BackendError } from "./backend";
import { type CommandError, errorCodes } from "./contract";

function isCommandError(thrown: unknown): thrown is CommandError {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return false;
  return errorCodes.includes((thrown as CommandError).code);
}

/** An error of the shell keeps its code; anything else is a fault of ours and becomes `internal`. */
export function toBackendError(thrown: unknown): BackendError {
  if (thrown instanceof BackendError) return thrown;
  if (isCommandError(thrown)) {
    return new BackendError({ ...thrown, params: thrown.params ?? {}, request_id: thrown.request_id ?? null });
  }
  const error = new BackendError({ code: "internal", params: {}, request_id: null });
  error.cause = thrown;
  return error;
}

/** Trying again by itself helps against these only. */
export function isPassing(error: unknown): boolean {
  return error instanceof BackendError && (error.code === "unavailable" || error.code === "server_unreachable");
}

/** What is offered is only refused if the role, the right or the session has changed elsewhere. */
export function tellsOfChange(error: unknown): boolean {
  if (!(error instanceof BackendError)) return false;
  return ["permission_denied", "session_ended", "second_factor_required"].includes(error.code);
}
