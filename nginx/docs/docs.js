// Shows the contract of this instance. Everything comes from our own origin: the site's policy allows nothing else.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    filter: true,
    persistAuthorization: false, // a token stays in this page's memory, not in the browser's storage
    queryConfigEnabled: false, // no ?url= that shows somebody else's contract under our name
    tryItOutEnabled: true,
    validatorUrl: null, // otherwise the contract's address goes to swagger.io
  });
});
