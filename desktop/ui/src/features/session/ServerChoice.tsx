import { Anchor, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useCommand } from "@/backend/context";
import type { Server, Start } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act } from "@/components/Act";
import { Dot } from "@/components/Dot";
import classes from "./Door.module.css";
import { Fault } from "./Fault";

const hostOf = (url: string) => url.replace(/^https?:\/\//, "").replace(/\/$/, "");

/** At the foot of the door: which server, and its version as last seen. */
export function ServerLine({ server, onChange }: { server: Server; onChange: () => void }) {
  const { t } = useTranslation();
  const host = hostOf(server.url);
  return (
    <p className={classes.server}>
      <Dot kind={server.version ? "done" : "waiting"} />
      <span className={classes.host}>
        {server.version
          ? t("session.server_line", { host, version: server.version })
          : t("session.server_unseen", { host })}
      </span>
      <Anchor component="button" type="button" onClick={onChange}>
        {t("session.server_change")}
      </Anchor>
    </p>
  );
}

/** Another address: checked first, used only when it answers as a Maneiro server. */
export function ServerChoice({ server, onDone }: { server: Server; onDone: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const check = useCommand("check_server");
  const use = useCommand("use_server", {
    onSuccess: (used) => {
      cache.setQueryData<Start>(queryKeys.start, (start) => start && { ...start, server: used });
      onDone();
    },
  });
  const form = useForm({
    initialValues: { url: hostOf(server.url) },
    validate: { url: (value) => (value.trim() === "" ? t("session.server_needed") : null) },
    onValuesChange: () => {
      check.reset();
      use.reset();
    },
  });
  const found = check.data;

  return (
    <>
      <h1 className={classes.title}>{t("session.server_title")}</h1>
      <p className={classes.text}>{t("session.server_text")}</p>
      <form
        noValidate
        onSubmit={form.onSubmit(({ url }) =>
          found ? use.mutate({ url: found.url }) : check.mutate({ url: url.trim() }),
        )}
      >
        <div className={classes.fields}>
          <TextInput
            size="md"
            label={t("session.server_address")}
            inputMode="url"
            autoFocus
            spellCheck={false}
            {...form.getInputProps("url")}
          />
        </div>
        <div role="status">
          {found && (
            <p className={classes.good}>
              <Dot kind="done" />
              {t("session.server_found", { host: hostOf(found.url), version: found.version ?? "" })}
            </p>
          )}
        </div>
        <Fault error={check.error ?? use.error} />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={check.isPending || use.isPending}>
            {found ? t("session.server_use") : t("session.server_check")}
          </Act>
          <Act kind="quiet" size="md" fullWidth onClick={onDone}>
            {t("common.cancel")}
          </Act>
        </div>
      </form>
    </>
  );
}
