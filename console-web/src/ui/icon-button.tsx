import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";

interface IconButtonProps extends Omit<ComponentProps<"button">, "children" | "type"> {
  readonly icon: LucideIcon;
  /** Its name, for those who cannot see the icon and for those who wonder. */
  readonly label: string;
}

export function IconButton({ icon: Icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button type="button" className={`icon-button ${className ?? ""}`} aria-label={label} title={label} {...rest}>
      <Icon aria-hidden="true" size={16} />
    </button>
  );
}
