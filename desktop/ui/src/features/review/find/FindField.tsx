/** The search of the tool bar: widens while it is used and keeps its count at every width. */
import { IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import type { KeyboardEvent, Ref } from "react";
import { useTranslation } from "react-i18next";
import { IconAct } from "@/components/Act";
import { iconSmall } from "@/components/icon";
import { SearchField } from "@/components/SearchField";
import { useFormat } from "@/i18n/format";
import classes from "./FindField.module.css";

interface Props {
  value: string;
  opened: boolean;
  now: number | null;
  all: number;
  onChange: (value: string) => void;
  onNext: (step: 1 | -1) => void;
  onClose: () => void;
  ref: Ref<HTMLInputElement>;
}

export function FindField({ value, opened, now, all, onChange, onNext, onClose, ref }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      onNext(event.key === "ArrowUp" || event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    }
  };
  const right = (
    <span className={classes.right}>
      <span className={classes.count} role="status">
        {value.trim() !== "" &&
          (now === null
            ? t("review.hits", { count: all })
            : t("review.hit_of", { now: format.number(now + 1), all: format.number(all) }))}
      </span>
      <IconAct
        label={t("keys.commands.previous_hit")}
        command="previous_hit"
        size="sm"
        disabled={all === 0}
        onClick={() => onNext(-1)}
      >
        <IconChevronUp {...iconSmall} />
      </IconAct>
      <IconAct
        label={t("keys.commands.next_hit")}
        command="next_hit"
        size="sm"
        disabled={all === 0}
        onClick={() => onNext(1)}
      >
        <IconChevronDown {...iconSmall} />
      </IconAct>
      <IconAct label={t("review.close_search")} size="sm" onClick={onClose}>
        <IconX {...iconSmall} />
      </IconAct>
    </span>
  );
  return (
    <div className={opened ? classes.open : classes.closed}>
      <SearchField
        ref={ref}
        label={t("review.search")}
        value={value}
        onChange={onChange}
        onKeyDown={onKeyDown}
        command="search"
        {...(opened ? { right, rightWidth: "9.75rem" } : { rightWidth: "3.75rem" })}
      />
    </div>
  );
}
