// Exchanges the token of the address (#token=...) for a session, and takes it out of the address.
const advice = document.getElementById("advice");

async function signIn(token) {
  const said = advice.textContent;
  advice.textContent = advice.dataset.busy;
  history.replaceState(null, "", location.pathname + location.search);
  const answer = await fetch("/history/session", { method: "POST", body: new URLSearchParams({ token }), headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) return location.replace(location.pathname + location.search);
  advice.textContent = answer?.status === 401 ? JSON.parse(document.getElementById("texts").textContent)["signed_out.refused"] : said;
}

/* After a link from another site the browser kept the cookie back; asked from here, it sends it. */
async function signInAgain() {
  const answer = await fetch("/history/session", { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.status === 204) location.replace(location.pathname + location.search);
}

const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) signIn(token);
else signInAgain();
