//! Forms act for whoever is signed in, so only our own pages may send them.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Refuses what a page of another site asks to be done.
pub(crate) async fn only(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_our_page(request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "this form was sent by another site: open our own page and send it there")
        .into_response()
}

/// A browser tells where a form comes from, by `Sec-Fetch-Site` or at least by `Origin`; a program
/// that tells neither has no cookie of an official to misuse.
fn is_our_page(headers: &HeaderMap) -> bool {
    let told = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (told("sec-fetch-site"), told(header::ORIGIN.as_str()), told(header::HOST.as_str())) {
        (Some(site), ..) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, authority)| authority == host)
        }
        (None, Some(_), None) => false,
        (None, None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_from_us(headers: &[(&'static str, &'static str)]) -> bool {
        is_our_page(
            &headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect::<HeaderMap>(),
        )
    }

    #[test]
    fn a_form_of_another_site_is_told_by_the_browser() {
        let host = ("host", "127.0.0.1:8014");
        assert!(comes_from_us(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(comes_from_us(&[host, ("sec-fetch-site", "none")]));
        assert!(!comes_from_us(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!comes_from_us(&[host, ("sec-fetch-site", "same-site")]));
        assert!(comes_from_us(&[host, ("origin", "http://127.0.0.1:8014")]));
        assert!(!comes_from_us(&[host, ("origin", "http://127.0.0.1:9000")]));
        assert!(!comes_from_us(&[host, ("origin", "null")]));
        assert!(!comes_from_us(&[("origin", "http://127.0.0.1:8014")]));
        assert!(comes_from_us(&[host]));
    }
}
