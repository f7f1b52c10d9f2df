/** The files of a record in their order, each with its state, and a menu that moves or removes it. */
import { Menu } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconDots, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import { useCommand } from "@/backend/context";
import type { FileState, RecordDetail, RecordFile } from "@/backend/contract";
import { IconAct } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { Dialog } from "@/components/Dialog";
import { Dot, type DotKind } from "@/components/Dot";
import { iconSmall } from "@/components/icon";
import { MiddleEllipsis } from "@/components/MiddleEllipsis";
import { SectionHead } from "@/components/SectionHead";
import { useFormat } from "@/i18n/format";
import classes from "./FileList.module.css";

const dots: Record<FileState, DotKind> = {
  waiting: "waiting",
  reading: "to_do",
  done: "done",
  partly: "partly",
  failed: "failed",
  asks_password: "waiting",
};

function useFileNote() {
  const { t } = useTranslation();
  const format = useFormat();
  return (file: RecordFile): string => {
    if (file.fault) return t(`records.file_faults.${file.fault}`);
    if (file.state === "asks_password") return t("records.file_asks");
    if (file.state === "waiting") return t("records.file_waits");
    if (file.state === "done") return format.number(file.pages);
    return t("records.file_count", { read: format.number(file.pages_read), pages: format.number(file.pages) });
  };
}

/** The order with one file a place up or down. */
function moved(files: RecordFile[], index: number, by: -1 | 1): string[] {
  const documents = files.map((file) => file.document);
  const [document] = documents.splice(index, 1);
  if (document) documents.splice(index + by, 0, document);
  return documents;
}

export function FileList({ detail }: { detail: RecordDetail }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const note = useFileNote();
  const { readOnly } = useMe();
  const { files, summary } = detail;
  const record = summary.id;
  const [removing, setRemoving] = useState<RecordFile | null>(null);
  const arrange = useCommand("arrange_files");
  const remove = useCommand("remove_file", { onSuccess: () => setRemoving(null) });

  return (
    <section className={classes.section}>
      <SectionHead note={files.length > 1 ? t("records.files_order") : undefined}>{t("records.files")}</SectionHead>
      {arrange.error && <Banner kind="danger">{text(arrange.error)}</Banner>}
      <ol className={classes.list}>
        {files.map((file, index) => (
          <li key={file.document} className={classes.row}>
            <Dot kind={dots[file.state]} />
            <span className={classes.name}>
              <MiddleEllipsis lines={1}>{file.name}</MiddleEllipsis>
            </span>
            {!readOnly && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <IconAct size="sm" label={t("records.file_menu", { name: file.name })} className={classes.menu}>
                    <IconDots {...iconSmall} />
                  </IconAct>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    leftSection={<IconArrowUp {...iconSmall} />}
                    disabled={index === 0}
                    onClick={() => arrange.mutate({ record, documents: moved(files, index, -1) })}
                  >
                    {t("records.move_up")}
                  </Menu.Item>
                  <Menu.Item
                    leftSection={<IconArrowDown {...iconSmall} />}
                    disabled={index === files.length - 1}
                    onClick={() => arrange.mutate({ record, documents: moved(files, index, 1) })}
                  >
                    {t("records.move_down")}
                  </Menu.Item>
                  <Menu.Divider />
                  <Menu.Item color="red" leftSection={<IconTrash {...iconSmall} />} onClick={() => setRemoving(file)}>
                    {t("records.file_remove_act")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
            <span className={classes.note}>{note(file)}</span>
          </li>
        ))}
      </ol>
      <Dialog
        title={t("records.file_remove_title", { name: removing?.name ?? "" })}
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        act={{
          kind: "danger",
          label: t("records.file_remove_act"),
          busy: remove.isPending,
          onAct: () => removing && remove.mutate({ record, document: removing.document }),
        }}
      >
        {remove.error && <Banner kind="danger">{text(remove.error)}</Banner>}
        <p>{t("records.file_remove_text", { pages: t("common.pages", { count: removing?.pages ?? 0 }) })}</p>
      </Dialog>
    </section>
  );
}
