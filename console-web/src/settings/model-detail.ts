import type { TFunction } from "i18next";
import type { Model, ModelPrice } from "../gen/banto/v1/settings_pb";
import { dollars } from "./nano-usd";

export function contextText(t: TFunction, model: Model, language: string): string {
  return model.contextWindow === undefined
    ? t("message.unknown")
    : t("settings.providers.contextTokens", { tokens: model.contextWindow.toLocaleString(language) });
}

/** Dollars for a million tokens, in and out. */
export function priceText(t: TFunction, price: ModelPrice | undefined): string {
  return price === undefined
    ? t("message.unknown")
    : t("settings.providers.priceText", {
        input: dollars(price.inputNanoUsdPerMtok),
        output: dollars(price.outputNanoUsdPerMtok),
      });
}

/** What is known of a model, for a list to choose from; unknown is left out there. */
export function modelDetail(t: TFunction, model: Model, language: string): string | undefined {
  const parts = [
    ...(model.contextWindow === undefined ? [] : [contextText(t, model, language)]),
    ...(model.price === undefined ? [] : [priceText(t, model.price)]),
  ];
  return parts.length === 0 ? undefined : parts.join(" · ");
}
