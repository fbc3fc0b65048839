"""Documents of three styles for mocks."""

from __future__ import annotations

ENVELOPES = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /api}]
x-ada: &ada
  {id: cus_001, email: ada@example.com, name: Ada, tier: gold, tags: [vip], created_at: &then "2026-01-01T00:00:00Z", updated_at: *then}
paths:
  /customers:
    get:
      operationId: list_customers
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
        - {name: limit, in: query, schema: {type: integer, maximum: 50, default: 2}}
        - {name: tier, in: query, schema: {type: string}}
        - {name: tag, in: query, schema: {type: string}}
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema:
                type: object
                required: [success, customers, pagination]
                properties:
                  success: {const: true}
                  customers: {type: array, items: {$ref: "#/components/schemas/Customer"}}
                  pagination: {$ref: "#/components/schemas/Pagination"}
              example: {success: true, customers: [], pagination: {page: 1, limit: 20, total: 0, total_pages: 0}}
    post:
      operationId: create_customer
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [email]
              properties:
                email: {type: string, format: email}
                name: {type: string}
                tier: {type: string, default: basic}
                tags: {type: array, items: {type: string}}
                password: {type: string}
      responses:
        "201":
          description: Made.
          headers: {Location: {schema: {type: string}, example: /api/customers/cus_001}}
          content: {application/json: {schema: {$ref: "#/components/schemas/One"}, example: {success: true, customer: *ada}}}
          links: {get: {operationId: get_customer, parameters: {customer_id: "$response.body#/customer/id"}}}
  /customers/{customer_id}:
    parameters: [{name: customer_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: get_customer
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/One"}, example: {success: true, customer: *ada}}}
        "404": {$ref: "#/components/responses/Problem"}
    patch:
      operationId: update_customer
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: [string, "null"]}, tier: {type: string}}}}}
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/One"}, example: {success: true, customer: *ada}}}
        "404": {$ref: "#/components/responses/Problem"}
    delete:
      operationId: delete_customer
      responses:
        "200": {description: Gone., content: {application/json: {schema: {type: object}, example: {success: true, id: cus_001}}}}
        "404": {$ref: "#/components/responses/Problem"}
  /customers/{customer_id}/block:
    post:
      operationId: block_customer
      parameters: [{name: customer_id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: One.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/One"}
              example: {success: true, customer: {<<: *ada, tier: blocked}}
        "404": {$ref: "#/components/responses/Problem"}
  /customers/{customer_id}/orders:
    parameters: [{name: customer_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: list_orders
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}
        "404": {$ref: "#/components/responses/Problem"}
    post:
      operationId: create_order
      requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "404": {$ref: "#/components/responses/Problem"}
  /customers/{customer_id}/orders/{order_id}:
    get:
      operationId: get_order
      parameters:
        - {name: customer_id, in: path, required: true, schema: {type: string}}
        - {name: order_id, in: path, required: true, schema: {type: integer}}
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "404": {$ref: "#/components/responses/Problem"}
  /mails:
    post:
      operationId: send_mail
      requestBody: {content: {application/json: {schema: {type: object, properties: {subject: {type: string}}}}}}
      responses:
        "202":
          description: Taken.
          content: {application/json: {schema: {type: object, properties: {message_id: {type: string}}}, example: {message_id: msg_7}}}
          links: {message: {operationId: get_message, parameters: {message_id: "$response.body#/message_id"}}}
  /messages/{message_id}:
    get:
      operationId: get_message
      parameters: [{name: message_id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: One.
          content:
            application/json:
              schema: {type: object, required: [id, subject], properties: {id: {type: string}, subject: {type: string}}}
              example: {id: msg_7, subject: Hello}
        "404": {$ref: "#/components/responses/Problem"}
components:
  schemas:
    Pagination:
      type: object
      required: [page, limit, total, total_pages]
      properties: {page: {type: integer}, limit: {type: integer}, total: {type: integer}, total_pages: {type: integer}}
    One:
      type: object
      additionalProperties: false
      required: [success, customer]
      properties: {success: {const: true}, customer: {$ref: "#/components/schemas/Customer"}}
    Customer:
      type: object
      additionalProperties: false
      required: [id, email, name, tier, tags, created_at, updated_at]
      properties:
        id: {type: string, pattern: "^cus_[0-9]{3}$"}
        email: {type: string}
        name: {type: [string, "null"]}
        tier: {type: string}
        tags: {type: array, items: {type: string}}
        created_at: {type: string, format: date-time}
        updated_at: {type: string, format: date-time}
    Order:
      type: object
      required: [id, item]
      properties: {id: {type: integer, minimum: 1}, item: {type: string}}
  responses:
    Problem: {description: Refused., content: {application/json: {schema: {type: object, required: [error]}, example: {error: Wrong}}}}
"""
PLAIN = """
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      parameters:
        - {name: cursor, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {$ref: "#/components/schemas/Note"}}
                  next_cursor: {type: string, nullable: true}
                  has_more: {type: boolean}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
    delete: {responses: {"204": {description: Empty.}}}
  /notes/{noteId}:
    parameters: [{name: noteId, in: path, required: true, schema: {type: string, format: uuid}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "404": {description: None.}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "404": {description: None.}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
components:
  schemas:
    Note:
      type: object
      required: [text]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        text: {type: string}
        secret: {type: string, writeOnly: true}
        size: {type: integer, readOnly: true, example: 3}
"""


PETS = """
openapi: 3.0.2
info: {title: Pets, version: "1"}
paths:
  /pet:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"200": {description: Made., content: {application/json: &pet {schema: {$ref: "#/components/schemas/Pet"}}}}}
  /pet/{petId}:
    get:
      parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: One.
          content: {application/xml: {schema: {$ref: "#/components/schemas/Pet"}}, application/json: *pet}
        "404": {description: None.}
components:
  schemas: {Pet: {type: object, required: [name], properties: {id: {type: integer, example: 10}, name: {type: string, example: doggie}}}}
"""
