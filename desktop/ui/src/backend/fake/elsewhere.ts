/** What somebody else does to a record at the same time. */
import { fail, nowOf, recordOf, type World } from "./world";

/** An edit that comes from the cloud: taken over, or set beside an edit of ours that began from the same words. */
export function editElsewhere(world: World, record: string, begins: string, text: string, author = "Ruth Abara"): void {
  const review = recordOf(world, record).review?.review ?? fail("no_analysis");
  const at = nowOf(world);
  review.statements = review.statements.map((it) => {
    if (!it.text.startsWith(begins)) return it;
    const mine = it.changed?.mine && it.text_before !== null ? it : null;
    if (!mine) return { ...it, text, text_before: it.text_before ?? it.text, changed: { author, mine: false, at } };
    return {
      ...it,
      versions: {
        base: it.text_before ?? it.text,
        mine: { text: it.text, author: world.me.name, mine: true, at: it.changed?.at ?? at },
        theirs: { text, author, mine: false, at },
      },
    };
  });
  world.emit({ event: "review_changed", record });
}

export function loseNetwork(world: World): void {
  world.online = false;
  world.offlineSince = nowOf(world);
  world.emit({ event: "outbox_changed" });
}

export function findNetwork(world: World): void {
  world.online = true;
  world.offlineSince = null;
  for (const record of world.records) record.waits_for_network = false;
  world.emit({ event: "outbox_changed" });
}
