import { useMemo, useState } from "react";
import { type PlanDocument, PlanReader } from "./plan-document";

interface Cache {
  generation: string;
  length: number;
  writing: boolean;
  reader: PlanReader;
  document: PlanDocument;
}

const fresh = (generation: string): Cache => {
  const reader = new PlanReader();
  return { generation, length: 0, writing: true, reader, document: reader.document() };
};

/** The structure of a text. While it grows, only what is new is read. */
export function usePlanDocument(text: string, generation: string, writing: boolean): PlanDocument {
  // Only a cache: what is read is the same with or without it.
  const [cache] = useState(() => fresh(generation));
  return useMemo(() => {
    if (cache.generation !== generation || cache.length > text.length || !cache.writing) {
      // oxlint-disable-next-line react/immutability
      Object.assign(cache, fresh(generation));
    }
    cache.reader.push(text.slice(cache.length));
    const document = writing ? cache.reader.document() : cache.reader.finish();
    Object.assign(cache, { length: text.length, writing, document });
    return document;
  }, [cache, text, generation, writing]);
}
