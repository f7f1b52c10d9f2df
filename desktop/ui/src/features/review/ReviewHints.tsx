/** The keys that matter now, at the foot of the analysis. */
import { useTranslation } from "react-i18next";
import { Grow, Hint, HintBar } from "@/components/Bars";
import { KeyCap, KeyCaps } from "@/components/KeyCaps";
import type { ChosenWords } from "./page/PageList";

export function ReviewHints({
  searching,
  editing,
  words,
}: {
  searching: boolean;
  editing: boolean;
  words: ChosenWords | null;
}) {
  const { t } = useTranslation();
  const two = (a: string, b: string) => (
    <>
      <KeyCap binding={a} />
      <KeyCap binding={b} />
    </>
  );
  const crowded = editing || words !== null;
  const always = (
    <>
      <Grow />
      <Hint keys={<KeyCaps of="keys" />}>{t("review.hint_keys")}</Hint>
      <Hint spare={crowded} keys={<KeyCaps of="commands" />}>
        {t("review.hint_commands")}
      </Hint>
    </>
  );
  if (editing) {
    return (
      <HintBar>
        <Hint keys={<KeyCap binding="Enter" />}>{t("review.hint_save")}</Hint>
        <Hint spare keys={<KeyCap binding="shift+Enter" />}>
          {t("review.hint_line")}
        </Hint>
        <Hint keys={<KeyCap binding="Escape" />}>{t("review.hint_as_was")}</Hint>
        {always}
      </HintBar>
    );
  }
  if (words) {
    return (
      <HintBar>
        <Hint keys={<KeyCaps of="add_statement" />}>{t("review.hint_add")}</Hint>
        <Hint keys={<KeyCap binding="shift+ArrowRight" />}>{t("review.hint_more_words")}</Hint>
        <Hint keys={<KeyCap binding="Escape" />}>{t("review.hint_leave")}</Hint>
        {always}
      </HintBar>
    );
  }
  if (searching) {
    return (
      <HintBar>
        <Hint keys={<KeyCaps of="next_hit" />}>{t("review.hint_next_hit")}</Hint>
        <Hint keys={<KeyCaps of="previous_hit" />}>{t("review.hint_before")}</Hint>
        <Grow />
        <Hint keys={<KeyCap binding="Escape" />}>{t("review.hint_back")}</Hint>
      </HintBar>
    );
  }
  return (
    <HintBar>
      <Hint keys={two("ArrowUp", "ArrowDown")}>{t("review.hint_statement")}</Hint>
      <Hint keys={two("ArrowLeft", "ArrowRight")}>{t("review.hint_page")}</Hint>
      <Hint spare keys={<KeyCap binding="shift+ArrowRight" />}>
        {t("review.hint_choose_words")}
      </Hint>
      {always}
    </HintBar>
  );
}
