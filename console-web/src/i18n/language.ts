import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { type English, en } from "./en";

export const languages = { en: "English", ja: "日本語" } as const;

export type Language = keyof typeof languages;

const key = "banto.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: English };
  }
}

export function isLanguage(value: string | null | undefined): value is Language {
  return value !== null && value !== undefined && Object.hasOwn(languages, value);
}

/** What the person chose, else the first of the browser's that there is. */
export function preferredLanguage(storage: Storage, wanted: readonly string[]): Language {
  const chosen = storage.getItem(key);
  if (isLanguage(chosen)) {
    return chosen;
  }
  return wanted.map((tag) => tag.split("-")[0]).find(isLanguage) ?? "en";
}

export async function startLanguage(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  await switchLanguage(language);
}

async function switchLanguage(language: Language): Promise<void> {
  if (language === "ja" && !i18next.hasResourceBundle("ja", "translation")) {
    const { ja } = await import("./ja");
    i18next.addResourceBundle("ja", "translation", ja);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(key, language);
  await switchLanguage(language);
}
