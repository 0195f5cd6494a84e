-- The journey in Neovim: a spec becomes RTL in a buffer, errors show, a quick fix mends them; RTL that
-- somebody wrote is repaired and edited, each change accepted by a code action.
-- Run by test_neovim.py with `nvim --headless -S`, in what Neovim 0.7 understands.

local folder, python, generator = vim.env.FOLDER, vim.env.PYTHON, vim.env.GENERATOR
local report = {}

local function finish(failure)
  report.failure = failure
  vim.fn.writefile({ vim.json.encode(report) }, vim.env.REPORT)
  vim.cmd(failure and "cquit" or "qall!")
end

local function wait(what, condition)
  if not vim.wait(60000, condition, 20) then
    finish("waited in vain for " .. what)
  end
end

local function attach()
  local client = vim.lsp.start_client({
    name = "spec2rtl",
    cmd = { python, "-m", "spec2rtl.cli", "lsp", "--stdio" },
    root_dir = folder,
    workspace_folders = { { uri = vim.uri_from_fname(folder), name = "work" } },
  })
  vim.lsp.buf_attach_client(0, client)
  wait("the server", function()
    local found = vim.lsp.get_client_by_id(client)
    return found and found.initialized
  end)
  return vim.lsp.get_client_by_id(client)
end

-- Begins a command; `done` gets its answer, which Neovim leaves out where it was cancelled.
local function begin(client, name, argument, done)
  local _, id = client.request("workspace/executeCommand", {
    command = "spec2rtl." .. name,
    arguments = { argument },
  }, function(failure, answer) done(answer or { message = vim.inspect(failure) }) end)
  return id
end

local function execute(client, name, argument)
  local result
  begin(client, name, argument, function(answer) result = answer end)
  wait(name, function() return result ~= nil end)
  return result
end

local shown = {}
local progress = vim.lsp.handlers["$/progress"]
vim.lsp.handlers["$/progress"] = function(failure, told, ...)
  table.insert(shown, told.value.kind .. " " .. (told.value.title or ""))
  return progress(failure, told, ...)
end
vim.lsp.handlers["window/showMessageRequest"] = function(_, asked)
  report.asked = asked.message
  return asked.actions[2]
end

-- A new buffer's last line is empty: Neovim 0.7 counts the final newline as one more line.
local function text(name)
  local buffer = vim.fn.bufnr(folder .. "/" .. name)
  local lines = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
  return lines:gsub("%s+$", "") .. "\n"
end

-- Chooses among the code actions of the place that the cursor is at, as a user does in the menu.
local function accept(title)
  local chosen
  vim.ui.select = function(items, _, choose)
    for _, item in ipairs(items) do
      local action = item[2] or item.action
      if vim.startswith(action.title, title) then
        chosen = action.title
        return choose(item)
      end
    end
  end
  vim.lsp.buf.code_action()
  wait(title, function() return chosen end)
  return chosen
end

local function changes(client)
  vim.cmd("edit " .. vim.fn.fnameescape(folder .. "/own/counter.v"))
  vim.lsp.buf_attach_client(0, client.id)
  local own = { uri = vim.uri_from_bufnr(0), reflector = "rules" }

  local repaired = execute(client, "repair", vim.tbl_extend("error", own, { generator = vim.env.REPAIRER }))
  report.repair = { repaired.status, text("own/counter.v") == vim.env.WRITTEN, accept("Accept: repair") }
  wait("the repair", function() return text("own/counter.v") == vim.env.REPAIRED end)

  local asked = { generator = vim.env.EDITOR_MODEL, instruction = "Count by two." }
  local edited = execute(client, "edit", vim.tbl_extend("error", own, asked))
  report.edit = { edited.status, text("own/counter.v") == vim.env.REPAIRED, accept("Accept: edit") }
  wait("the edit", function() return text("own/counter.v") == vim.env.EDITED end)

  vim.cmd("edit " .. vim.fn.fnameescape(folder .. "/own/top.v"))
  vim.lsp.buf_attach_client(0, client.id)
  vim.fn.search("counter u")
  local hover = vim.lsp.buf_request_sync(0, "textDocument/hover", vim.lsp.util.make_position_params(), 30000)
  report.instance = hover[client.id].result.contents.value
  vim.lsp.buf.definition()
  wait("the definition", function() return vim.fn.bufname():find("own/counter.v", 1, true) end)
  report.definition = vim.api.nvim_get_current_line()
end

local function journey()
  vim.cmd("edit " .. vim.fn.fnameescape(folder .. "/counter.spec.md"))
  local client = attach()
  local spec = vim.uri_from_bufnr(0)

  local sent = execute(client, "generate", { uri = spec, generator = "anthropic", reflector = "rules" })
  report.refused = sent.message
  local result = execute(client, "generate", { uri = spec, generator = generator, reflector = "rules" })
  report.status, report.out = result.status, result.out
  report.generated = text("counter.v")

  vim.cmd("edit " .. vim.fn.fnameescape(folder .. "/counter.v"))
  vim.lsp.buf_attach_client(0, client.id)
  local broken = report.generated:gsub("output reg", "output")
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(broken, "\n", { trimempty = true }))
  wait("the error", function()
    local found = vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })
    report.error = found[1] and found[1].code
    return found[1] and found[1].source == "iverilog"
  end)

  local params = vim.lsp.util.make_range_params()
  params.context = { diagnostics = {}, only = { "source.fixAll.spec2rtl" } }
  local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 30000)
  local actions = answers[client.id].result
  report.actions = #actions
  vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
  wait("the repair", function() return text("counter.v") == report.generated end)
  wait("no error", function() return #vim.diagnostic.get(0) == 0 end)
  report.mended = true

  local lenses = vim.lsp.buf_request_sync(0, "textDocument/codeLens", {
    textDocument = vim.lsp.util.make_text_document_params(),
  }, 30000)
  report.lenses = #(lenses[client.id].result or {})

  local rtl = vim.uri_from_bufnr(0)
  local hover = vim.lsp.buf_request_sync(0, "textDocument/hover", {
    textDocument = { uri = rtl },
    position = { line = 0, character = report.generated:find("count)", 1, true) - 1 },
  }, 30000)
  report.hover = hover[client.id].result.contents.value
  local simulated = execute(client, "simulate", { uri = rtl })
  report.simulated = { simulated.status, #simulated.tests }

  shown = {}
  local endless = begin(client, "simulate", { uri = rtl, tests = vim.env.ENDLESS }, function() end)
  wait("the simulation", function() return shown[1] == "begin Simulate counter.v" end)
  client.cancel_request(endless)
  wait("its end", function() return shown[#shown] == "end " end)
  report.cancelled = execute(client, "check", { uri = rtl }).ok

  changes(client)
  client.stop()
  wait("the end", function() return client.is_stopped() end)
end

local done, failure = pcall(journey)
finish(not done and tostring(failure) or nil)
