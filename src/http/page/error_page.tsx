import type { FC } from "hono/jsx";
import type { Problem } from "../problem.ts";
import { Layout } from "./layout.tsx";

export interface ErrorPageProps {
  readonly problem: Problem;
  readonly requestId: string;
}

export const ErrorPage: FC<ErrorPageProps> = ({ problem, requestId }) => (
  <Layout title={`${problem.title} · Shelfcast`} query="">
    <div class="heading">
      <h1>{problem.title}</h1>
    </div>
    <div class="notice">
      {problem.message !== "" && <p dir="auto">{problem.message}.</p>}
      <p>
        <a href="/">Back to the shelf</a>
      </p>
    </div>
    <p class="event">
      <span>
        If you write to us about it, name the request <code>{requestId}</code>
      </span>
    </p>
  </Layout>
);
