import DOMPurify from "dompurify";
import { Marked } from "marked";
import temml from "temml";

/** What text of a question may contain: emphasis, lists, code. No address, no picture, no style, no script. */
const ALLOWED_TAGS = ["b", "strong", "i", "em", "u", "s", "sub", "sup", "code", "pre", "br", "p", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td"];
const marked = new Marked({ gfm: true, breaks: true });
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** A question's text as harmless HTML. Formulas between \( and \) or \[ and \] become MathML, which browsers draw themselves. */
export function rich(text: string, format: string | null): string {
  const formulas: string[] = [];
  const alone = /^\s*\\\([\s\S]*\\\)\s*$/.test(text) ? "\\displaystyle " : "";
  const kept = text.replace(/\\\(([\s\S]*?)\\\)|\\\[([\s\S]*?)\\\]/g, (_, inline: string | undefined, display: string | undefined) => {
    formulas.push(temml.renderToString(alone + (inline ?? display ?? ""), { displayMode: inline === undefined, throwOnError: false, trust: false, maxExpand: 200 }));
    return `\ue000${formulas.length - 1}\ue001`;
  });
  const html = format === "markdown" ? (marked.parse(kept, { async: false }) as string) : format === "html" || format === "moodle" ? kept : escaped(kept);
  const clean = DOMPurify.sanitize(html, { ALLOWED_TAGS, ALLOWED_ATTR: [] });
  return clean.replace(/\ue000(\d+)\ue001/g, (whole, at: string) => formulas[Number(at)] ?? whole);
}
