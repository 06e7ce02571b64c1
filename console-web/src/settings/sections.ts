/** The pages of the settings, each at `/settings/NAME`. */
export const settingsSections = ["providers", "workspaces", "companion", "spending", "tokens", "retention", "templates", "audit", "appearance", "shortcuts"] as const;

export type SettingsSection = (typeof settingsSections)[number];
