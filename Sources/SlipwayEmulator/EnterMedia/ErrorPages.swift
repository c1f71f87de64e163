/// What is answered where there is no JSON to be had.
enum ErrorPages {
    /// Of EnterMedia itself: there is no such link.
    static func notFound(_ path: String) -> String {
        """
        <html>
        <head>
          <link rel="stylesheet" type="text/css" href="/system/admin.css"/>
          <title>404 \(path)</title>\u{20}
          <meta name="robots" content="noindex, nofollow"/>

        </head>

        <body class="errorpage">

          <p><b>404.</b> That’s an error.
          </p><p>The requested URL <code>\(path)</code> was not found on this server.  That’s all we know.
        </p></body>

        </html>

        """
    }

    /// Of the web server that it runs in: there is no such endpoint, or the path cannot be.
    static func tomcat(_ status: Int, _ title: String, message: String? = nil) -> String {
        let message = message.map { "<p><b>Message</b> \($0)</p>" } ?? ""
        return "<!doctype html><html lang=\"en\"><head><title>HTTP Status \(status) – \(title)</title></head>"
            + "<body><h1>HTTP Status \(status) – \(title)</h1><hr class=\"line\" /><p><b>Type</b> Status Report</p>\(message)"
            + "<hr class=\"line\" /><h3>Apache Tomcat</h3></body></html>"
    }

    static let starting = """
        <!DOCTYPE html>
        <html><head><title>EnterMediaDB is starting</title><meta http-equiv="refresh" content="5"/></head>
        <body><h1>EnterMediaDB is starting up</h1><p>Please wait. This page reloads by itself.</p></body></html>

        """
}
