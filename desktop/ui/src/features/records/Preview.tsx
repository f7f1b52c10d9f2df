/** The chosen record: its name, acts, and below them what is read or what was found. */
import { Menu } from "@mantine/core";
import { IconDots, IconForms, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/app/commands";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { RecordDetail } from "@/backend/contract";
import { Act, IconAct } from "@/components/Act";
import { Grow, ToolBar } from "@/components/Bars";
import { icon, iconSmall } from "@/components/icon";
import { KeyCaps } from "@/components/KeyCaps";
import { Failed, Loading } from "@/components/States";
import { ReadingBody } from "@/features/reading/ReadingBody";
import { DeleteDialog } from "./DeleteDialog";
import { FieldsPanel } from "./FieldsPanel";
import { useIntake, useIntakeTarget } from "./intake/Intake";
import classes from "./Preview.module.css";
import { RecordBody } from "./RecordBody";
import { useRecordChoice } from "./useRecordChoice";

function Loaded({ detail }: { detail: RecordDetail }) {
  const { t } = useTranslation();
  const { readOnly } = useMe();
  const { summary } = detail;
  const { id, title, reading } = summary;
  const { open } = useRecordChoice();
  const intake = useIntake();
  const [panel, setPanel] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const pause = useCommand("pause_reading");
  const resume = useCommand("resume_reading");
  const cancel = useCommand("cancel_reading");
  useIntakeTarget(id, readOnly ? undefined : title);

  const addFiles = readOnly ? null : () => void intake.choose({ id, title });
  const editFields = readOnly ? null : () => setPanel(true);
  const running = reading.state === "running";
  useCommands({
    add_files: addFiles,
    record_rename: editFields,
    record_fields: editFields,
    record_delete: readOnly ? null : () => setDeleting(true),
    reading_pause: running
      ? () => pause.mutate({ record: id })
      : reading.state === "done"
        ? undefined
        : () => resume.mutate({ record: id }),
    reading_cancel: running || reading.state === "paused" ? () => cancel.mutate({ record: id }) : undefined,
  });

  const unfinished = reading.state !== "done";
  const readable = !unfinished || detail.first_page !== null;
  return (
    <>
      <ToolBar edge={false}>
        <Grow />
        <span className={classes.wide}>
          <Act
            kind="quiet"
            icon={<IconPlus {...icon} size="0.9375rem" />}
            disabled={readOnly}
            onClick={() => addFiles?.()}
          >
            {t("records.add_files")}
          </Act>
        </span>
        <Menu position="bottom-end">
          <Menu.Target>
            <IconAct label={t("common.more")}>
              <IconDots {...icon} />
            </IconAct>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconPlus {...iconSmall} />}
              rightSection={<KeyCaps of="add_files" />}
              disabled={readOnly}
              onClick={() => addFiles?.()}
            >
              {t("records.add_files")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconPencil {...iconSmall} />}
              rightSection={<KeyCaps of="record_rename" />}
              disabled={readOnly}
              onClick={() => editFields?.()}
            >
              {t("records.rename")}
            </Menu.Item>
            <Menu.Item leftSection={<IconForms {...iconSmall} />} disabled={readOnly} onClick={() => editFields?.()}>
              {t("records.edit_fields")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash {...iconSmall} />}
              rightSection={<KeyCaps of="record_delete" />}
              disabled={readOnly}
              onClick={() => setDeleting(true)}
            >
              {t("records.delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Act
          kind={running && readable ? "primary" : "line"}
          command="record_open"
          disabled={!readable}
          onClick={() => open(id)}
        >
          {unfinished ? t("records.open_at_page_1") : t("records.open")}
        </Act>
      </ToolBar>
      <div className={classes.body}>
        <h1 className={classes.name}>{title}</h1>
        {unfinished ? <ReadingBody detail={detail} /> : <RecordBody detail={detail} onEditFields={editFields} />}
      </div>
      <FieldsPanel detail={detail} opened={panel} onClose={() => setPanel(false)} />
      <DeleteDialog summary={summary} opened={deleting} onClose={() => setDeleting(false)} />
    </>
  );
}

export function Preview({ record }: { record: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(useBackendQueries().record(record));
  if (data) return <Loaded detail={data} />;
  if (error) {
    return (
      <div className={classes.failed}>
        <Failed error={error as BackendError} title={t("review.not_opened")} onRetry={() => void refetch()} />
      </div>
    );
  }
  return <Loading rows={6} />;
}
