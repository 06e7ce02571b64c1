// Languages that models write well, by how many people read them.
export const replyLanguages: readonly string[] =
  "en zh-Hans zh-Hant hi es fr ar bn pt ru id de ja vi tr ko it pl uk nl th sv cs el hu fi da nb he".split(" ");

/** BCP 47 tags with the language's name, in the page's language and in its own. */
export function namedReplyLanguages(language: string): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames(language, { type: "language", fallback: "code" });
  return new Map(
    replyLanguages
      .map((tag) => {
        const own = new Intl.DisplayNames(tag, { type: "language", fallback: "code" }).of(tag) ?? tag;
        const name = names.of(tag) ?? tag;
        return [tag, own === name ? name : `${name} (${own})`] as const;
      })
      .toSorted(([, a], [, b]) => a.localeCompare(b, language)),
  );
}
