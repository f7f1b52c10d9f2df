import { describe, expect, it } from "vitest";
import { fakeBackend } from ".";

describe("the fake", () => {
  it("finds every quote of the sample but one on its page", async () => {
    const backend = fakeBackend("full");
    const sample = backend.world.records.find((record) => record.title.includes("Holloway"));
    const review = await backend.call("review", { record: sample?.id ?? "" });
    const missing = review.review?.statements.filter((statement) => !statement.verified);
    expect(missing?.map((statement) => statement.text)).toEqual(["Aspirin 81 mg once daily"]);
  });

  it("undoes and redoes without end", async () => {
    const backend = fakeBackend("full");
    const record = backend.world.records.find((it) => it.title.includes("Holloway"))?.id ?? "";
    const texts = async () => (await backend.call("review", { record })).review?.statements.map((it) => it.text);
    const before = await texts();
    const first = (await backend.call("review", { record })).review?.statements[0];
    if (!first) throw new Error("no statement");
    for (const text of ["one", "two", "three"]) {
      await backend.call("change", {
        record,
        change: { change: "edit", statement: first.id, text, section: first.section },
      });
    }
    for (let i = 0; i < 3; i++) await backend.call("undo", { record });
    expect(await texts()).toEqual(before);
    await expect(backend.call("undo", { record })).rejects.toMatchObject({ code: "nothing_to_undo" });
    await backend.call("redo", { record });
    expect((await texts())?.[0]).toBe("one");
  });

  it("shares no object with the window", async () => {
    const backend = fakeBackend("full");
    const start = await backend.call("start");
    start.preferences.text_size = 150;
    expect(backend.world.preferences.text_size).toBe(100);
  });

  it("refuses changes while nothing can be kept", async () => {
    const backend = fakeBackend("read-only");
    const record = backend.world.records[0]?.id ?? "";
    await expect(backend.call("delete_record", { record })).rejects.toMatchObject({ code: "read_only" });
  });
});
