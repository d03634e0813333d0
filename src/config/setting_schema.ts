import * as v from "valibot";
import type { Setting, SettingForm, Settings } from "../ports/setting.ts";
import {
  brokerList,
  certificatePath,
  flag,
  groupList,
  host,
  oneOf,
  oneOfCapitals,
  path,
  secret,
  text,
  wholeNumber,
} from "./setting.ts";

/** The schemas of keys that an adapter declares. */
export function settingSchemas(settings: Settings): Record<string, v.GenericSchema> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => [key, settingSchema(setting)]),
  );
}

function settingSchema({ form, fallback }: Setting): v.GenericSchema {
  return v.optional(formSchema(form), form.kind === "certificates" ? "" : fallback);
}

function formSchema(form: SettingForm): v.GenericSchema {
  switch (form.kind) {
    case "whole number":
      return wholeNumber(form.min, form.max, form.unit);
    case "choice": {
      const [first = "", ...others] = form.words;
      return (form.ignoreCase ? oneOfCapitals : oneOf)([first, ...others]);
    }
    case "flag":
      return flag();
    case "text":
      return text(form.maxLength);
    case "secret":
      return secret();
    case "path":
      return path();
    case "host":
      return host();
    case "addresses":
      return brokerList();
    case "groups":
      return groupList();
    case "certificates":
      return certificatePath();
  }
}
