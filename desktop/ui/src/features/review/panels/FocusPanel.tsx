/** What the analysis should look at, and of which time. The old result stays until the new one is there. */
import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useCommand } from "@/backend/context";
import type { DateWindow } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { SidePanel } from "@/components/SidePanel";
import { useFormat } from "@/i18n/format";
import { parseDay } from "@/i18n/parseDay";
import classes from "./Panels.module.css";

interface Props {
  record: string;
  focus: string | null;
  window: DateWindow | null;
  /** There is a result that stays meanwhile. */
  again: boolean;
  running: boolean;
  mayEdit: boolean;
  opened: boolean;
  onClose: () => void;
}

function Form({ record, focus, window, again, onClose, id }: Props & { id: string }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const run = useCommand("run_analysis", { onSuccess: onClose });
  const day = (value: string) => (value.trim() === "" ? null : parseDay(value, i18n.language));
  const checkDay = (value: string) => (value.trim() !== "" && day(value) === null ? t("records.day_wrong") : null);
  const form = useForm({
    initialValues: {
      focus: focus ?? "",
      from: window?.from ? format.day(window.from) : "",
      to: window?.to ? format.day(window.to) : "",
    },
    validate: {
      focus: (value) => (value.length > 200 ? t("records.field_too_long") : null),
      from: checkDay,
      to: (value, values) => {
        const [from, to] = [day(values.from), day(value)];
        return checkDay(value) ?? (from && to && to < from ? t("review.window_wrong") : null);
      },
    },
    validateInputOnBlur: true,
  });
  const understood = (value: string) => {
    const known = day(value);
    return known && format.day(known) !== value.trim() ? `= ${format.day(known)}` : undefined;
  };
  const order = ["label", "input", "description", "error"] as const;
  return (
    <form
      id={id}
      noValidate
      className={classes.form}
      onSubmit={form.onSubmit((values) => {
        const [from, to] = [day(values.from), day(values.to)];
        run.mutate({ record, focus: values.focus.trim() || null, window: from || to ? { from, to } : null });
      })}
    >
      {run.error && <Banner kind="danger">{text(run.error)}</Banner>}
      <TextInput
        label={t("review.focus")}
        inputWrapperOrder={[...order]}
        description={t("review.focus_hint")}
        data-autofocus
        {...form.getInputProps("focus")}
      />
      <TextInput
        label={t("review.window_from")}
        inputWrapperOrder={[...order]}
        description={understood(form.values.from)}
        {...form.getInputProps("from")}
      />
      <TextInput
        label={t("review.window_to")}
        inputWrapperOrder={[...order]}
        description={understood(form.values.to)}
        {...form.getInputProps("to")}
      />
      <p className={classes.note}>{again ? t("review.run_keeps") : t("review.run_first")}</p>
    </form>
  );
}

export function FocusPanel(props: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <SidePanel
      title={t("keys.commands.focus_window")}
      opened={props.opened}
      onClose={props.onClose}
      foot={
        <>
          <Act
            kind="primary"
            type="submit"
            form={id}
            disabled={props.running || !props.mayEdit}
            title={props.running ? t("review.runs_now") : undefined}
          >
            {props.again ? t("review.run_again") : t("review.run")}
          </Act>
          <Act kind="quiet" onClick={props.onClose}>
            {t("common.cancel")}
          </Act>
        </>
      }
    >
      <Form {...props} id={id} />
    </SidePanel>
  );
}
