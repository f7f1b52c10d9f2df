import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useCommand } from "@/backend/context";
import type { RecordDetail } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { SidePanel } from "@/components/SidePanel";
import { type Format, useFormat } from "@/i18n/format";
import { parseDay } from "@/i18n/parseDay";
import classes from "./FieldsPanel.module.css";

const mostCharacters = 200;

interface Values {
  title: string;
  number: string;
  birth: string;
  injury: string;
  examiner: string;
  kind: string;
}

function valuesOf({ summary, fields }: RecordDetail, format: Format): Values {
  return {
    title: summary.title,
    number: fields.number ?? "",
    birth: fields.birth_date ? format.day(fields.birth_date) : "",
    injury: fields.injury_date ? format.day(fields.injury_date) : "",
    examiner: fields.examiner ?? "",
    kind: fields.kind ?? "",
  };
}

const orNull = (text: string) => text.trim() || null;

function Form({ detail, onClose, id }: { detail: RecordDetail; onClose: () => void; id: string }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const update = useCommand("update_record", { onSuccess: onClose });
  const day = (value: string) => (value.trim() === "" ? null : parseDay(value, i18n.language));
  const checkDay = (value: string) => (value.trim() !== "" && day(value) === null ? t("records.day_wrong") : null);
  const checkLength = (value: string) => (value.length > mostCharacters ? t("records.field_too_long") : null);
  const form = useForm<Values>({
    initialValues: valuesOf(detail, format),
    validate: {
      title: (value) => (value.trim() === "" ? t("records.field_name_needed") : checkLength(value)),
      number: checkLength,
      examiner: checkLength,
      kind: checkLength,
      birth: checkDay,
      injury: checkDay,
    },
    validateInputOnBlur: true,
  });

  /** How a typed day was understood, so that a misread month shows at once. */
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
      onSubmit={form.onSubmit((values) =>
        update.mutate({
          record: detail.summary.id,
          title: values.title.trim(),
          fields: {
            number: orNull(values.number),
            birth_date: day(values.birth),
            injury_date: day(values.injury),
            examiner: orNull(values.examiner),
            kind: orNull(values.kind),
          },
        }),
      )}
    >
      {update.error && <Banner kind="danger">{text(update.error)}</Banner>}
      <TextInput label={t("records.field_name")} data-autofocus {...form.getInputProps("title")} />
      <TextInput
        label={t("records.field_birth")}
        inputWrapperOrder={[...order]}
        description={understood(form.values.birth)}
        {...form.getInputProps("birth")}
      />
      <TextInput label={t("records.field_number")} {...form.getInputProps("number")} />
      <TextInput
        label={t("records.field_injury")}
        inputWrapperOrder={[...order]}
        description={understood(form.values.injury)}
        {...form.getInputProps("injury")}
      />
      <TextInput label={t("records.field_examiner")} {...form.getInputProps("examiner")} />
      <TextInput
        label={t("records.field_kind")}
        inputWrapperOrder={[...order]}
        description={t("records.field_kind_hint")}
        {...form.getInputProps("kind")}
      />
    </form>
  );
}

/** Name and fields of a record. */
export function FieldsPanel({
  detail,
  opened,
  onClose,
}: {
  detail: RecordDetail;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <SidePanel
      title={t("records.fields_title")}
      opened={opened}
      onClose={onClose}
      foot={
        <>
          <Act kind="primary" type="submit" form={id}>
            {t("common.save")}
          </Act>
          <Act kind="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Act>
        </>
      }
    >
      <Form detail={detail} onClose={onClose} id={id} />
    </SidePanel>
  );
}
