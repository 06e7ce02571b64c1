import { type ReactNode, useId } from "react";

interface FieldIds {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean;
}

interface FormFieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly problem?: string | undefined;
  readonly children: (ids: FieldIds) => ReactNode;
}

/** A field with its label, its help and what is wrong with it. */
export function FormField({ label, help, problem, children }: FormFieldProps) {
  const id = useId();
  const described = [help !== undefined && `${id}-help`, problem !== undefined && `${id}-problem`].filter(Boolean).join(" ");
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": problem !== undefined })}
      {problem !== undefined && (
        <p className="inline-failure" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
      {help !== undefined && (
        <p className="soft small" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
