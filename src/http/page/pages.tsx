import type { HtmlEscapedString } from "hono/utils/html";
import { ErrorPage, type ErrorPageProps } from "./error_page.tsx";
import { renderPage } from "./layout.tsx";
import { SearchPage, type SearchPageProps } from "./search_page.tsx";

type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The page of a search, or of the shelf. */
export const searchPage = (props: SearchPageProps): Page => renderPage(<SearchPage {...props} />);

/** The page for somebody who got none of what they asked for. */
export const errorPage = (props: ErrorPageProps): Page => renderPage(<ErrorPage {...props} />);
