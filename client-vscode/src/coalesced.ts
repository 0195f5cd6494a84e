/** Work that is asked for again while it goes on is done once more, however often that was: pure. */

export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let going: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    next = undefined;
    going = work().finally(() => (going = undefined));
    return going;
  };
  return () => {
    if (!going) {
      return begin();
    }
    next ??= going.then(begin, begin);
    return next;
  };
}
