export interface Column<Row> {
  key: string;
  label: string;
  /** What the cell shows and what it is sorted by. Null sorts last, whatever the direction. */
  text: (row: Row) => string;
  order?: (row: Row) => string | number | null;
  numeric?: boolean;
  /** The cell that names the row. */
  heading?: boolean;
  /** What the number means, shown on the heading. */
  hint?: string;
}

export interface Sorting {
  key: string;
  descending: boolean;
}

/** The rows whose cells contain every word of `search`, in the order asked for; equal rows keep their order. */
export function arrange<Row>(rows: readonly Row[], columns: readonly Column<Row>[], search: string, sorting: Sorting | null): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => {
    const line = columns.map((column) => column.text(row)).join("\n").toLowerCase();
    return words.every((word) => line.includes(word));
  });
  const column = columns.find(({ key }) => key === sorting?.key);
  if (!column || !sorting) return found;
  const value = column.order ?? column.text;
  return found.sort((one, other) => compare(value(one), value(other), sorting.descending));
}

function compare(one: string | number | null, other: string | number | null, descending: boolean): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  const sign = descending ? -1 : 1;
  if (typeof one === "number" && typeof other === "number") return sign * (one - other);
  return sign * String(one).localeCompare(String(other), undefined, { numeric: true });
}
