import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { KeyCaps } from "@/components/KeyCaps";
import { useKnownCommands } from "./commands";
import classes from "./KeySheet.module.css";
import { type CommandId, commandIds, entryOf, places } from "./keymap";

/** Acts that have a key, by place. */
export function KeyTable({ ids }: { ids: CommandId[] }) {
  const { t } = useTranslation();
  return (
    <div className={classes.table}>
      {places.map((place) => {
        const here = ids.filter((id) => entryOf(id).place === place && entryOf(id).keys.length > 0);
        if (here.length === 0) return null;
        return (
          <section key={place} className={classes.place}>
            <h2>{t(`keys.places.${place}`)}</h2>
            <dl>
              {here.map((id) => (
                <div key={id} className={classes.row}>
                  <dt>{t(`keys.commands.${id}`)}</dt>
                  <dd>
                    <KeyCaps of={id} all />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
}

/** `?`: the keys of the place one is in. */
export function KeySheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const known = new Set(useKnownCommands().map(({ id }) => id));
  const here = new Set([...known].map((id) => entryOf(id).place));
  const ids = commandIds.filter((id) => known.has(id) || (entryOf(id).shownOnly && here.has(entryOf(id).place)));
  const columns = new Set(ids.map((id) => entryOf(id).place)).size;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("keys.title")}
      size={columns > 2 ? "64rem" : "45rem"}
      withCloseButton
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: classes.title ?? "", body: classes.sheet ?? "" }}
    >
      <KeyTable ids={ids} />
    </Modal>
  );
}
