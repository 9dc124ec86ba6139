//! A browser without a screen: cookies, forms as they stand in the page.

use ureq::Agent;

#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub text: String,
    pub location: Option<String>,
    pub headers: Vec<(String, String)>,
}

pub struct Browser {
    address: String,
    agent: Agent,
    pub cookie: Option<String>,
    /// What its `Accept-Language` says.
    pub wants: Option<&'static str>,
}

impl Browser {
    pub fn new(address: String) -> Browser {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Browser { address, agent: config.into(), cookie: None, wants: None }
    }

    /// The same, of somebody who reads other languages.
    pub fn wanting(self, wants: &'static str) -> Browser {
        Browser { wants: Some(wants), ..self }
    }

    pub fn get(&mut self, path: &str) -> Page {
        let mut request = self.agent.get(format!("{}{path}", self.address));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(wants) = self.wants {
            request = request.header("accept-language", wants);
        }
        let answer = request.call().unwrap();
        self.page(answer)
    }

    /// The body as it came.
    pub fn get_bytes(&mut self, path: &str) -> Vec<u8> {
        let mut request = self.agent.get(format!("{}{path}", self.address));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request.call().unwrap().body_mut().read_to_vec().unwrap()
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_with(path, fields, &[])
    }

    pub fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let answer = self.posted(path, fields, headers).unwrap();
        self.page(answer)
    }

    /// The status of the answer; nothing if the server went away.
    pub fn try_post(&mut self, path: &str, fields: &[(&str, &str)]) -> Option<u16> {
        self.posted(path, fields, &[]).ok().map(|answer| answer.status().as_u16())
    }

    fn posted(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let mut request = self
            .agent
            .post(format!("{}{path}", self.address))
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(wants) = self.wants {
            request = request.header("accept-language", wants);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body.finish())
    }

    /// Sends the form of a page that goes to `to`, with further fields.
    pub fn send(&mut self, page: &Page, to: &str, fields: &[(&str, &str)]) -> Page {
        let hidden = page.hidden(to);
        let mut all: Vec<(&str, &str)> =
            hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        all.extend_from_slice(fields);
        self.post(to, &all)
    }

    /// Opens a page and sends its form; what came after the redirection.
    pub fn fill(&mut self, page: &str, to: &str, fields: &[(&str, &str)]) -> Page {
        let opened = self.get(page);
        assert_eq!(opened.status, 200, "{page}: {}", opened.text);
        let sent = self.send(&opened, to, fields);
        match &sent.location {
            Some(next) => {
                let next = next.clone();
                self.get(&next)
            }
            None => sent,
        }
    }

    fn page(&mut self, mut answer: ureq::http::Response<ureq::Body>) -> Page {
        let status = answer.status().as_u16();
        let text = |name: &str| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let location = text("location");
        if let Some(set) = text("set-cookie") {
            let pair = set.split(';').next().unwrap().to_string();
            self.cookie = (!pair.ends_with('=')).then_some(pair);
        }
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_string()))
            .collect();
        let bytes = answer.body_mut().read_to_vec().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).to_string();
        Page { status, text, location, headers }
    }
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Hidden fields of the form that goes to `to`.
    pub fn hidden(&self, to: &str) -> Vec<(String, String)> {
        let action = format!("method=\"post\" action=\"{to}\"");
        let start =
            self.text.find(&action).unwrap_or_else(|| panic!("no form to {to} in {}", self.text));
        let form = &self.text[start..];
        let form = &form[..form.find("</form>").unwrap()];
        let inputs = form.split("<input type=\"hidden\"").skip(1);
        inputs
            .map(|input| {
                let input = &input[..input.find('>').unwrap()];
                (attribute(input, "name").unwrap(), attribute(input, "value").unwrap_or_default())
            })
            .collect()
    }

    /// The value of the button that begins with these words, without regard to capitals.
    pub fn button(&self, words: &str) -> Option<String> {
        self.text.split("<button").skip(1).find_map(|button| {
            let (attributes, rest) = button.split_once('>')?;
            let label = rest.split('<').next()?.trim();
            let same = label.eq_ignore_ascii_case(words);
            same.then(|| attribute(attributes, "value")).flatten()
        })
    }

    pub fn has(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
    let rest = &tag[start..];
    let value = &rest[..rest.find('"')?];
    Some(
        value
            .replace("&amp;", "&")
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">"),
    )
}
